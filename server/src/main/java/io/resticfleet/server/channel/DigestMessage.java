package io.resticfleet.server.channel;

/**
 * A digest to be sent.
 *
 * @param title one line
 * @param text for all kinds of channels
 * @param html a whole document, for email
 */
public record DigestMessage(String title, String text, String html) {}
