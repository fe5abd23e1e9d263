/** The list and the form of schedules, with a preview of their due times. */
package io.resticfleet.server.page.schedule;
