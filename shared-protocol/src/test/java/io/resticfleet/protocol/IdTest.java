package io.resticfleet.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdTest {

    private static final String FIRST = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    private static final String SECOND = "01ARZ3NDEKTSV4RRFFQ69G5FAW";

    record Planned(Map<ScheduleId, HostId> hosts, List<JobId> jobs) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01ARZ3NDEKTSV4RRFFQ69G5FA",
                "01ARZ3NDEKTSV4RRFFQ69G5FAVV",
                "01arz3ndektsv4rrffq69g5fav",
                "81ARZ3NDEKTSV4RRFFQ69G5FAV",
                "01ARZ3NDEKTSV4RRFFQ69G5FAI",
                "01ARZ3NDEKTSV4RRFFQ69G5FAL",
                "01ARZ3NDEKTSV4RRFFQ69G5FAO",
                "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                "../../../../../etc/passwd00",
                "01ARZ3NDEKTSV4RRFFQ69G5FA\n",
                "０1ARZ3NDEKTSV4RRFFQ69G5FAV"
            })
    void text_that_is_not_a_ulid_in_upper_case_is_no_id(String text) {
        assertThat(Id.matches(text)).isFalse();
        assertThatThrownBy(() -> new HostId(text))
                .isInstanceOf(Id.Malformed.class)
                .hasMessage("not a ULID");
        assertThatThrownBy(() -> new JobId(text)).isInstanceOf(Id.Malformed.class);
        assertThatThrownBy(() -> new ScheduleId(text)).isInstanceOf(Id.Malformed.class);
        assertThatThrownBy(() -> new RepositoryId(text)).isInstanceOf(Id.Malformed.class);
    }

    @Test
    void an_id_is_plain_text_in_json_and_in_messages() throws Exception {
        var planned = new Planned(
                new TreeMap<>(Map.of(new ScheduleId(FIRST), new HostId(SECOND))), List.of(new JobId(FIRST)));

        var json = Json.LENIENT.writeValueAsString(planned);

        assertThat(json).isEqualTo("{\"hosts\":{\"" + FIRST + "\":\"" + SECOND + "\"},\"jobs\":[\"" + FIRST + "\"]}");
        assertThat(Json.LENIENT.readValue(json, Planned.class)).isEqualTo(planned);
        assertThat("job=" + new JobId(FIRST)).isEqualTo("job=" + FIRST);
    }

    @Test
    void ids_are_in_the_order_of_their_time() {
        assertThat(new JobId(FIRST)).isLessThan(new JobId(SECOND));
    }
}
