/** The schedules of each host, and whether its agent applies them. */
package io.resticfleet.server.schedule;
