package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LimitTest {

    private static final int TOO_LONG = 1_000_000;
    private static final int MOST = 100_000;

    /** Operators write these, so that all their problems are reported at once; see the test below. */
    private static final Set<Class<?>> BY_VIOLATIONS = Set.of(Schedule.class, Hooks.class, RetentionPolicy.class);

    @Test
    void a_text_that_is_cut_states_how_much_is_missing() {
        assertThat(Limit.cut("x".repeat(1_500_000), 100))
                .hasSizeLessThanOrEqualTo(100)
                .endsWith("x… (1,499,929 more characters)");
        assertThat(Limit.cut("short", 100)).isEqualTo("short");
        assertThat(Limit.cut("x".repeat(100), 100)).isEqualTo("x".repeat(100));
    }

    @Test
    void a_character_of_two_halves_is_never_cut_in_two() {
        for (int before = 0; before < 4; before++) {
            var cut = Limit.cut("x".repeat(before) + "\uD83D\uDE00".repeat(100), 80);

            assertThat(cut.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
                    .isTrue();
        }
    }

    @Test
    void a_list_that_is_cut_ends_with_how_many_are_missing() {
        assertThat(Limit.cut(Collections.nCopies(5_000, "/srv")))
                .hasSize(Limit.ITEMS)
                .endsWith("… (4,001 more items)");
        assertThat(Limit.cutJson(Collections.nCopies(5_000, "/srv"), 1_000))
                .hasSize(138)
                .endsWith("/srv", "… (4,863 more items)");
        assertThat(Limit.cutJson(List.of("/srv", "/etc"), 14)).containsExactly("/srv", "/etc");
        assertThat(Limit.cutJson(List.of("x".repeat(5_000)), 1_000)).containsExactly("… (1 more items)");
    }

    @Test
    void a_snapshot_has_at_most_32_kib_of_json_whatever_its_texts_are() throws Exception {
        for (var text : List.of("x", "", "\"", "\u0000", "\u202e", "\u0301", "\u65e5", "\ud83d\ude00")) {
            var longest = text.repeat(5_000);
            var most = Collections.nCopies(1_000, longest);
            var present = Optional.of(longest);
            var count = Optional.of(Long.MAX_VALUE);
            var snapshot = new Snapshot(
                    longest,
                    longest,
                    WireExamples.NOON,
                    longest,
                    longest,
                    most,
                    most,
                    present,
                    present,
                    present,
                    count,
                    count,
                    count,
                    count,
                    Optional.empty());

            assertThat(Json.LENIENT.writeValueAsBytes(snapshot)).hasSizeLessThanOrEqualTo(32_768);
            var again = Json.LENIENT.readValue(Json.LENIENT.writeValueAsBytes(snapshot), Snapshot.class);
            assertThat(again).isEqualTo(snapshot);
        }
    }

    @Test
    void a_log_that_is_cut_has_a_line_with_the_number_of_those_missing() {
        var line = new LogLine(7, WireExamples.NOON, "restic", "x");

        var cut = new ToServer.LogStream(
                new JobId("01J00000000000000000000001"), 30_000, Collections.nCopies(30_000, line));

        assertThat(cut.lines().get(cut.lines().size() - 1).text()).startsWith("10001 lines were dropped");
    }

    /** Every record in a message of an agent, with each of its texts and lists far too long. */
    @TestFactory
    Stream<DynamicTest> every_text_and_list_of_an_agent_is_limited() {
        return examples().entrySet().stream()
                .filter(example -> !BY_VIOLATIONS.contains(example.getKey()))
                .flatMap(example -> Stream.of(example.getKey().getRecordComponents())
                        .filter(LimitTest::isTextOrList)
                        .map(component -> DynamicTest.dynamicTest(
                                example.getKey().getSimpleName() + "." + component.getName(),
                                () -> assertThat(sizeOrRefusal(example.getValue(), component))
                                        .as(example.getKey().getSimpleName() + "." + component.getName())
                                        .isLessThanOrEqualTo(MOST))));
    }

    @Test
    void a_schedule_with_a_text_or_list_that_is_too_long_is_invalid() throws Exception {
        var nightly = WireExamples.NIGHTLY;
        for (var component : Schedule.class.getRecordComponents()) {
            if (isTextOrList(component)) {
                assertThat(((Schedule) with(nightly, component, tooLong(component))).violations())
                        .as(component.getName())
                        .isNotEmpty();
            }
        }
        for (var component : Hooks.class.getRecordComponents()) {
            assertThat(((Hooks) with(nightly.hooks(), component, tooLong(component))).violations())
                    .isNotEmpty();
        }
        var within = RetentionPolicy.class.getRecordComponents()[6];
        assertThat(((RetentionPolicy) with(nightly.retention(), within, tooLong(within))).violations())
                .isNotEmpty();
    }

    /** 0 if it is refused. */
    private static int sizeOrRefusal(Record example, RecordComponent component) throws ReflectiveOperationException {
        try {
            var value = component.getAccessor().invoke(with(example, component, tooLong(component)));
            var present = value instanceof Optional<?> optional ? optional.orElseThrow() : value;
            return present instanceof Collection<?> list ? list.size() : ((String) present).length();
        } catch (InvocationTargetException e) {
            assertThat(e.getCause()).isInstanceOf(IllegalArgumentException.class);
            return 0;
        }
    }

    private static boolean isTextOrList(RecordComponent component) {
        return List.of("String", "List").contains(content(component));
    }

    /** The simple name of its type, or of what is optional. */
    private static String content(RecordComponent component) {
        var type = component.getGenericType();
        if (component.getType() == Optional.class) {
            type = ((ParameterizedType) type).getActualTypeArguments()[0];
        }
        return (type instanceof ParameterizedType generic ? (Class<?>) generic.getRawType() : (Class<?>) type)
                .getSimpleName();
    }

    private static Object tooLong(RecordComponent component) {
        Object value = content(component).equals("String")
                ? "x".repeat(TOO_LONG)
                : Collections.nCopies(TOO_LONG, item(component));
        return component.getType() == Optional.class ? Optional.of(value) : value;
    }

    private static Object item(RecordComponent component) {
        var type = component.getGenericType();
        while (type instanceof ParameterizedType generic) {
            type = generic.getActualTypeArguments()[0];
        }
        return type == String.class
                ? "x"
                : type == JobId.class
                        ? new JobId("01J00000000000000000000001")
                        : examples().get(type);
    }

    private static Record with(Record example, RecordComponent changed, Object value)
            throws ReflectiveOperationException {
        var components = example.getClass().getRecordComponents();
        var values = new ArrayList<Object>();
        for (var component : components) {
            component.getAccessor().setAccessible(true);
            values.add(
                    component.getName().equals(changed.getName())
                            ? value
                            : component.getAccessor().invoke(example));
        }
        var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var constructor = example.getClass().getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return (Record) constructor.newInstance(values.toArray());
    }

    /** One of each record in the messages of agents. */
    private static Map<Class<?>, Record> examples() {
        var found = new LinkedHashMap<Class<?>, Record>();
        ToServerExamples.frames().forEach(example -> collect(example.get()[0], found));
        assertThat(found.keySet())
                .containsAll(Wire.sent(ToServer.class).stream().collect(Collectors.toSet()));
        return found;
    }

    private static void collect(Object value, Map<Class<?>, Record> found) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> collect(present, found));
        } else if (value instanceof Collection<?> list) {
            list.forEach(item -> collect(item, found));
        } else if (value instanceof Record example && found.putIfAbsent(example.getClass(), example) == null) {
            for (var component : example.getClass().getRecordComponents()) {
                try {
                    component.getAccessor().setAccessible(true);
                    collect(component.getAccessor().invoke(example), found);
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }
}
