/** Enrolment of machines by one-time tokens, each bound to the repository that the machine will use. */
package io.resticfleet.server.enrollment;
