package io.resticfleet.server.page.frame;

/** Why there is nothing to show. */
record ProblemScreen(Frame frame, String title, String detail) {}
