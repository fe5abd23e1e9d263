package io.resticfleet.server.page.alert;

import io.resticfleet.server.page.frame.Frame;

/** @param address of the feed, with its key */
record FeedScreen(Frame frame, String address) {}
