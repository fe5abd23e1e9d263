package io.resticfleet.server.channel;

import io.resticfleet.protocol.JobId;

/**
 * A run of a schedule, as a ping.
 *
 * @param slug of the check, such as {@code web-nightly}
 * @param signal appended to the address: {@code /start}, {@code /fail}, or empty for success
 * @param jobId whose log may be sent
 */
record RunPing(String slug, String signal, JobId jobId) {}
