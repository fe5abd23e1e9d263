package io.resticfleet.server.page.frame;

/** An error page. */
record ProblemScreen(Frame frame, String title, String detail) {}
