/** Detection of a database that was restored from an older copy, and the operator's decisions about the affected hosts. */
package io.resticfleet.server.divergence;
