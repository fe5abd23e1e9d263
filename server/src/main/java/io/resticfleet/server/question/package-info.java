/** Questions to agents, and the wait for their answers. Nothing is stored. */
package io.resticfleet.server.question;
