package io.resticfleet.server.channel;

import io.resticfleet.protocol.HostId;
import io.resticfleet.protocol.Violation;
import io.resticfleet.server.alert.Severity;
import io.resticfleet.server.audit.Actor;
import io.resticfleet.server.audit.Audit;
import io.resticfleet.server.db.Database;
import io.resticfleet.server.db.StoredJson;
import io.resticfleet.server.secret.Secrets;
import io.resticfleet.server.web.Page;
import io.resticfleet.server.web.Problem;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The channels. Safe for use by many threads. */
public final class Channels {

    static final int MAX_CHANNELS = 100;
    private static final int MAX_NAME_LENGTH = 100;
    private static final int MAX_HOSTS = 1_000;
    private static final int MAX_TAGS = 100;
    private static final int TEST_SECONDS = 20;

    private final Database db;
    private final Secrets secrets;
    private final Audit audit;
    private final Outbox outbox;
    private final InstantSource clock;

    /** Each holds a thread of HTTP. */
    private final Semaphore tests = new Semaphore(4);

    public Channels(Database db, Secrets secrets, Audit audit, Outbox outbox, InstantSource clock) {
        this.db = db;
        this.secrets = secrets;
        this.audit = audit;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** @param detail what became of it, for people, such as {@code HTTP status 404} */
    public record TestResult(boolean delivered, String detail) {}

    /** Oldest first. */
    public Page<Channel> list(Page.Request page) {
        var rows = db.read(
                handle -> handle.attach(ChannelDao.class).list(page.cursor().orElse(""), page.limit() + 1));
        return Page.of(rows.stream().map(ChannelRow::channel).toList(), page, Channel::id);
    }

    /** All, oldest first; at most 100. */
    public List<Channel> all() {
        return list(new Page.Request(MAX_CHANNELS, Optional.empty())).items();
    }

    /** @throws Problem 404 */
    public Channel get(String id) {
        return db.read(handle -> row(handle, id)).channel();
    }

    private static ChannelRow row(Handle handle, String id) {
        return handle.attach(ChannelDao.class).find(id).orElseThrow(() -> Problem.notFound("channel " + id));
    }

    /** What a body says, checked; without what depends on stored data. */
    private record Wanted(
            String name,
            ChannelConfig config,
            Severity minSeverity,
            List<HostId> hosts,
            List<String> tags,
            Optional<DigestEvery> digest) {

        Wanted with(ChannelConfig newConfig) {
            return new Wanted(name, newConfig, minSeverity, hosts, tags, digest);
        }

        /** Without secrets. */
        Map<String, ?> detail() {
            return Map.of("name", name, "kind", config.kind().word(), "server", ChannelConfig.host(config.address()));
        }
    }

    /**
     * @throws Problem 400 with {@code invalid_name}, {@code invalid_kind}, {@code invalid_config}, {@code required}, {@code
     *     unknown_field}, {@code invalid_severity}, {@code invalid_hosts}, {@code invalid_tags} or {@code invalid_digest}; 409
     *     {@code name_taken} or {@code too_many_channels}
     */
    public Channel create(Actor actor, ChannelBody body) {
        var wrong = new ArrayList<Violation>();
        var wanted = read(body, wrong);
        wanted.map(Wanted::config).map(ChannelConfig::violations).ifPresent(wrong::addAll);
        refuse(wrong);
        var id = db.newId();
        db.change(tx -> {
            if (tx.attach(ChannelDao.class).count() >= MAX_CHANNELS) {
                throw Problem.conflict("too_many_channels", "there can be " + MAX_CHANNELS + " channels");
            }
            store(tx, id, wanted.orElseThrow(), Optional.empty());
            audit.record(tx, actor, "channel.create", id, wanted.orElseThrow().detail());
        });
        return get(id);
    }

    /**
     * Replaces all but secret fields that the body leaves out. What waits is tried at once.
     *
     * @throws Problem as {@link #create}; 400 {@code secret_needed} for a secret that would be sent to another server than
     *     before; 404; 409 {@code kind_immutable}
     */
    public Channel update(Actor actor, String id, ChannelBody body) {
        var wrong = new ArrayList<Violation>();
        var wanted = read(body, wrong);
        refuse(wrong);
        db.change(tx -> {
            var before = row(tx, id);
            if (before.channelKind() != wanted.orElseThrow().config().kind()) {
                throw Problem.conflict("kind_immutable", "the kind of a channel cannot change; create another channel");
            }
            var stored = config(tx, before);
            var merged = wanted.get().config().keeping(stored);
            var missing = new ArrayList<>(merged.violations());
            if (!merged.address().equals(before.address())) {
                merged.secrets().keySet().stream()
                        .filter(name -> !wanted.get().config().secrets().containsKey(name))
                        .forEach(name -> missing.add(new Violation(
                                "config." + name,
                                "secret_needed",
                                "the channel gets another server: give " + name + " again")));
            }
            refuse(missing);
            store(tx, id, wanted.get().with(merged), Optional.of(before));
            tx.attach(ChannelDao.class).notAfter(id, clock.instant());
            audit.record(
                    tx, actor, "channel.update", id, wanted.get().with(merged).detail());
        });
        return get(id);
    }

    private static void refuse(List<Violation> wrong) {
        if (!wrong.isEmpty()) {
            throw Problem.invalid(wrong);
        }
    }

    private void store(Handle tx, String id, Wanted wanted, Optional<ChannelRow> before) {
        var dao = tx.attach(ChannelDao.class);
        if (dao.named(wanted.name()).filter(other -> !other.equals(id)).isPresent()) {
            throw Problem.conflict(List.of(
                    new Violation("name", "name_taken", "there is another channel called '" + wanted.name() + "'")));
        }
        var config = wanted.config();
        var secretNames = List.copyOf(config.secrets().keySet());
        var digest = wanted.digest().map(DigestEvery::word);
        if (before.isPresent()) {
            dao.update(
                    id,
                    wanted.name(),
                    StoredJson.write(config.plain()),
                    StoredJson.write(secretNames),
                    config.address(),
                    wanted.minSeverity().word(),
                    StoredJson.write(wanted.hosts()),
                    StoredJson.write(wanted.tags()),
                    digest);
        } else {
            dao.insert(
                    id,
                    wanted.name(),
                    config.kind().word(),
                    StoredJson.write(config.plain()),
                    StoredJson.write(secretNames),
                    config.address(),
                    wanted.minSeverity().word(),
                    StoredJson.write(wanted.hosts()),
                    StoredJson.write(wanted.tags()),
                    digest,
                    clock.instant());
        }
        if (secretNames.isEmpty()) {
            secrets.remove(tx, owner(id));
        } else {
            secrets.put(tx, owner(id), config.secrets());
        }
    }

    /** @throws IllegalStateException if its secrets cannot be read */
    ChannelConfig config(Handle handle, ChannelRow row) {
        return new ChannelConfig(row.channelKind(), row.config(), secrets(handle, row.id()));
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> secrets(Handle handle, String id) {
        return secrets.find(handle, owner(id), LinkedHashMap.class).orElseGet(LinkedHashMap::new);
    }

    private static String owner(String id) {
        return "channels/" + id;
    }

    /** @return empty if the kind is not known */
    private static Optional<Wanted> read(ChannelBody body, List<Violation> wrong) {
        var name = body.name().strip();
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            wrong.add(new Violation(
                    "name", "invalid_name", "a name has 1 to " + MAX_NAME_LENGTH + " characters on one line"));
        }
        var kind = valid("kind", "invalid_kind", ChannelKind::of, body.kind(), wrong);
        var severity = valid(
                "min_severity",
                "invalid_severity",
                ChannelRow::severity,
                body.minSeverity().orElse(Severity.WARNING.word()),
                wrong);
        var digest = body.digest().flatMap(word -> valid("digest", "invalid_digest", DigestEvery::of, word, wrong));
        var hosts = body.hosts().orElse(List.of()).stream().distinct().toList();
        if (hosts.size() > MAX_HOSTS) {
            wrong.add(new Violation("hosts", "invalid_hosts", "a channel has at most " + MAX_HOSTS + " hosts"));
        }
        var tags = body.tags().orElse(List.of()).stream().distinct().toList();
        if (tags.size() > MAX_TAGS || tags.stream().anyMatch(tag -> tag.isBlank() || tag.length() > MAX_NAME_LENGTH)) {
            wrong.add(new Violation(
                    "tags",
                    "invalid_tags",
                    "a channel has at most " + MAX_TAGS + " tags of 1 to " + MAX_NAME_LENGTH + " characters"));
        }
        if (digest.isPresent() && kind.filter(found -> !found.takesAlerts()).isPresent()) {
            wrong.add(new Violation("digest", "invalid_digest", kind.get().label() + " takes no digest"));
        }
        return kind.map(found -> new Wanted(
                name,
                ChannelConfig.read(found, body.config(), wrong),
                severity.orElse(Severity.WARNING),
                hosts,
                tags,
                digest));
    }

    private static <T> Optional<T> valid(
            String field, String code, Function<String, T> read, String text, List<Violation> wrong) {
        try {
            return Optional.of(read.apply(text));
        } catch (IllegalArgumentException e) {
            wrong.add(new Violation(field, code, e.getMessage()));
            return Optional.empty();
        }
    }

    /** @throws Problem 404 */
    public void delete(Actor actor, String id) {
        db.change(tx -> {
            var row = row(tx, id);
            tx.attach(ChannelDao.class).delete(id);
            audit.record(tx, actor, "channel.delete", id, Map.of("name", row.name(), "kind", row.kind()));
        });
    }

    /**
     * Sends a test in the way of all messages, and waits for its result for up to 20 s.
     *
     * @throws Problem 404; 429 {@code too_many_tests}
     */
    public TestResult test(Actor actor, String id) {
        if (!tests.tryAcquire()) {
            throw Problem.tooMany("too_many_tests", "other tests are being made; try again in a minute");
        }
        try {
            var test = db.write(tx -> {
                var row = row(tx, id);
                if (tx.attach(DeliveryDao.class).firstWaiting(id, Outbox.TEST).isPresent()) {
                    throw Problem.tooMany("too_many_tests", "this channel is being tested");
                }
                audit.record(tx, actor, "channel.test", id, Map.of("name", row.name()));
                return outbox.test(tx, row);
            });
            try {
                var result = test.result().get(TEST_SECONDS, TimeUnit.SECONDS);
                return new TestResult(result.isDelivered(), result.detail());
            } catch (TimeoutException e) {
                return new TestResult(false, "no result within " + TEST_SECONDS + " s; see its deliveries");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e); // it only ends with a result
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new TestResult(false, "the server stops");
            } finally {
                outbox.forget(test);
            }
        } finally {
            tests.release();
        }
    }

    /**
     * What was, or is to be, sent, newest first.
     *
     * @throws Problem 404
     */
    public Page<Delivery> deliveries(String id, Page.Request page) {
        return db.read(handle -> {
            row(handle, id);
            var dao = handle.attach(DeliveryDao.class);
            var rows = dao.list(id, page.cursor().orElse(Page.AFTER_ALL_IDS), page.limit() + 1);
            var shown = Page.of(rows, page, DeliveryDao.DeliveryRow::id);
            if (shown.items().isEmpty()) {
                return new Page<>(List.of(), Optional.empty());
            }
            var ids = shown.items().stream().map(DeliveryDao.DeliveryRow::id).toList();
            var attempts = dao.attemptsOf(ids).stream()
                    .sorted(Comparator.comparing(DeliveryDao.AttemptRow::number))
                    .collect(Collectors.groupingBy(DeliveryDao.AttemptRow::deliveryId));
            return new Page<>(
                    shown.items().stream()
                            .map(row -> delivery(row, attempts.getOrDefault(row.id(), List.of())))
                            .toList(),
                    shown.nextCursor());
        });
    }

    private static Delivery delivery(DeliveryDao.DeliveryRow row, List<DeliveryDao.AttemptRow> attempts) {
        return new Delivery(
                row.id(),
                row.kind(),
                row.title(),
                row.state(),
                row.createdAt(),
                row.attempts(),
                row.endedAt(),
                attempts.stream()
                        .map(one -> new Delivery.Attempt(one.number(), one.at(), one.ok(), one.detail()))
                        .toList());
    }
}
