package io.resticfleet.server.channel;

/** A message in the form in which it leaves the server. */
public sealed interface Outgoing permits HttpCall, Mail {}
