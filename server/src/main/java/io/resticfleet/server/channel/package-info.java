/**
 * Channels, and the delivery of messages to them: which alerts each gets, the durable outbox, and the courier that sends. Not
 * what is wrong, which is in {@code alert}, nor what is in a digest.
 */
package io.resticfleet.server.channel;
