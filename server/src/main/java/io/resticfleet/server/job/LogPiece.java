package io.resticfleet.server.job;

import io.resticfleet.protocol.LogLine;
import java.util.List;

/**
 * A row of a log.
 *
 * @param firstLine number of its first line
 * @param lines oldest first
 */
record LogPiece(long firstLine, List<LogLine> lines) {}
