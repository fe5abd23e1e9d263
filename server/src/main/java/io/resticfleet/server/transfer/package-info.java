/** What agents send on demand, as the bodies of requests to addresses that work once. */
package io.resticfleet.server.transfer;
