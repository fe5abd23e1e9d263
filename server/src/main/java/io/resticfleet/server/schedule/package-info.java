/** What each host should do and when, and whether its agent knows. */
package io.resticfleet.server.schedule;
