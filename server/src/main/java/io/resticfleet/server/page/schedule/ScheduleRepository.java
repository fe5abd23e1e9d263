package io.resticfleet.server.page.schedule;

import io.resticfleet.protocol.RepositoryId;

/** A repository that a schedule can use. */
record ScheduleRepository(RepositoryId id, String name) {}
