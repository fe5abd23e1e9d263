/**
 * HTTP for all features: {@link io.resticfleet.server.web.Routes} (the route table and its access check), {@link
 * io.resticfleet.server.web.Requests} (strict parsing of bodies and parameters), {@link io.resticfleet.server.web.Problem}
 * (errors), {@link io.resticfleet.server.web.EventStream} (SSE). Depends on no feature.
 */
package io.resticfleet.server.web;
