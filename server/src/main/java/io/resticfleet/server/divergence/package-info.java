/** A database that knows less than its agents do: detected at hello, shown, and decided by an operator. */
package io.resticfleet.server.divergence;
