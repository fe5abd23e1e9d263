/**
 * Questions of the server about this machine, answered beside the job lane: read-only, two at a time, each within its time
 * limit. What hangs in the file system is given up and counted.
 */
package io.resticfleet.agent.question;
