package io.resticfleet.agent.config;

import io.resticfleet.agent.link.HttpClients;
import io.resticfleet.agent.link.Pins;
import io.resticfleet.agent.restic.Programs;
import io.resticfleet.agent.thread.Threads;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The platform of an agent; replaced in a simulation.
 *
 * @param uptime since the machine's boot, with time asleep; empty if unknown
 * @param client makes an HTTP client for a server with one of the pinned keys
 */
public record Platform(
        Threads threads,
        Programs programs,
        Function<Optional<Pins>, HttpClient> client,
        Supplier<RandomGenerator> random,
        Supplier<Optional<Duration>> uptime) {

    static final Platform REAL = new Platform(
            Threads.OF_SYSTEM, Programs.OF_SYSTEM, HttpClients::client, SplittableRandom::new, HostFacts::uptime);
}
