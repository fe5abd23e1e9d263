/**
 * The two jars and the real restic, started as processes and used as an operator uses them.
 *
 * <p>Start at {@link io.resticfleet.e2e.StoryTest}. {@link io.resticfleet.e2e.Fleet} starts things and leaves nothing behind.
 */
package io.resticfleet.e2e;
