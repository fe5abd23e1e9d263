/**
 * Reads snapshots for the server, beside the jobs and without locks: all files of a snapshot, one directory, or the content of a
 * file. What is read goes to an address at the server, over HTTP. Every restic here ends with the agent, and when what it
 * reads is not needed any more.
 */
package io.resticfleet.agent.reading;
