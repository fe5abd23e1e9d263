/** Pages of alerts, and of the channels by which people are told of them. */
package io.resticfleet.server.page.alert;
