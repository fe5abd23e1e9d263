/** The program's commands, except serving. */
package io.resticfleet.server.cli;
