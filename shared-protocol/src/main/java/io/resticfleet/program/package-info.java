/** Shared parts of the server's and the agent's programs: commands, settings and the log format. */
package io.resticfleet.program;
