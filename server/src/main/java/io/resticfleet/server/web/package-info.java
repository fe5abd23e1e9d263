/**
 * HTTP as all features use it: {@link io.resticfleet.server.web.Routes} (every route says who may call it), {@link
 * io.resticfleet.server.web.Requests} (bodies and parameters, read strictly), {@link io.resticfleet.server.web.Problem} (every
 * refusal, one form), {@link io.resticfleet.server.web.EventStream} (SSE). Knows no feature.
 */
package io.resticfleet.server.web;
