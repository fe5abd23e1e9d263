package io.resticfleet.server.web;

import io.javalin.http.Context;

/** Renders problems as pages for browsers; programs get JSON. */
@FunctionalInterface
public interface ProblemPage {

    /** Answers the request, whose status is already set. */
    void show(Context ctx, Problem.Body problem);
}
