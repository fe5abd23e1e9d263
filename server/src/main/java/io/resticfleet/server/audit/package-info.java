/**
 * The audit log: who changed what, and when. Features call {@link io.resticfleet.server.audit.Audit#record} inside the
 * transaction that makes the change, so that both are committed or neither.
 */
package io.resticfleet.server.audit;
