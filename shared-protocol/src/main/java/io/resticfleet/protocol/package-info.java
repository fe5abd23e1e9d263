/**
 * The messages between the server and an agent, and the types that both share.
 *
 * <p>Start at {@link io.resticfleet.protocol.ToAgent} and {@link io.resticfleet.protocol.ToServer}: one record per
 * message, one file per direction. {@link io.resticfleet.protocol.Wire} turns them into JSON text frames and back;
 * {@link io.resticfleet.protocol.Dispatch} passes a decoded message to its handler.
 * {@link io.resticfleet.protocol.Schedule} and {@link io.resticfleet.protocol.CronExpression} define what is backed up
 * and when, and are validated by the same code on both sides.
 *
 * <p>Rules for changing this package:
 *
 * <ul>
 *   <li>Agents are upgraded after servers, and slowly. Add a component or a message freely, as {@code Optional} or with
 *       a meaning for its absence; never rename or retype one. A reader ignores components it does not know.
 *   <li>A message carries the whole state, not a change to it: a schedule set is always complete, so a lost or repeated
 *       message does no harm.
 *   <li>Units are in the type ({@link java.time.Instant}) or else in the name ({@code total_bytes}).
 * </ul>
 *
 * <p>Depends on the JDK, Jackson and cron4j; nothing here opens a socket or a file, or reads a clock.
 */
package io.resticfleet.protocol;
