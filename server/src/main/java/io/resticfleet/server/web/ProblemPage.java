package io.resticfleet.server.web;

import io.javalin.http.Context;

/** Shows refusals to people; programs get them as JSON. */
@FunctionalInterface
public interface ProblemPage {

    /** Answers the request; the status is set already. */
    void show(Context ctx, Problem.Body problem);
}
