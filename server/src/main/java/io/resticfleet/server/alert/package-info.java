/** Alerts: which conditions are true, since when, who knows; not how they are found, nor how messages about them are sent. */
package io.resticfleet.server.alert;
