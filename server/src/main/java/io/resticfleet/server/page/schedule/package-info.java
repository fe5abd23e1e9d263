/** The list and the form of schedules, with the preview of when they are due. */
package io.resticfleet.server.page.schedule;
