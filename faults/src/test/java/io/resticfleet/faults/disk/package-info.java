/** A disk in memory that loses what was not flushed when the power goes. */
package io.resticfleet.faults.disk;
