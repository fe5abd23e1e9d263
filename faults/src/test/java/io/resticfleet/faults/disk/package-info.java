/** A disk in memory that loses unflushed data when the power is cut. */
package io.resticfleet.faults.disk;
