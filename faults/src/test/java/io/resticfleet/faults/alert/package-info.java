/** A simulated year of many hosts: whether people are told of all that is wrong, and of nothing else. */
package io.resticfleet.faults.alert;
