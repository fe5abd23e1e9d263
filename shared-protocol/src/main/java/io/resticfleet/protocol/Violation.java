package io.resticfleet.protocol;

/**
 * One problem of a value, described for the person who typed it.
 *
 * @param field JSON path of the value, such as {@code paths[1]} or {@code retention.keep_last}
 * @param code stable, for programs, such as {@code path_not_absolute}
 * @param detail for people; contains the bad value
 */
public record Violation(String field, String code, String detail) {}
