/**
 * End-to-end tests: the two jars and a real restic, started as processes and used like an operator does.
 *
 * <p>Start at {@link io.resticfleet.e2e.StoryTest}. {@link io.resticfleet.e2e.Fleet} starts processes and cleans up.
 */
package io.resticfleet.e2e;
