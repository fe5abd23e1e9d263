/** What the server and the agent share as programs: commands, settings and the format of their logs. */
package io.resticfleet.program;
