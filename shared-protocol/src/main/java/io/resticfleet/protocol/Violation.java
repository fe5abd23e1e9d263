package io.resticfleet.protocol;

/**
 * One thing that is wrong with a value, in words for the person who typed it.
 *
 * @param field where, as a JSON path such as {@code paths[1]} or {@code retention.keep_last}
 * @param code what, for a program: stable, such as {@code path_not_absolute}
 * @param detail what, for a person; holds the bad value
 */
public record Violation(String field, String code, String detail) {}
