/** The program's commands besides serving: what was typed, and what each does. */
package io.resticfleet.server.cli;
