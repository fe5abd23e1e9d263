/**
 * Who changed what, when. Features call {@link io.resticfleet.server.audit.Audit#record} inside the transaction that makes the
 * change, so that neither is ever there without the other.
 */
package io.resticfleet.server.audit;
