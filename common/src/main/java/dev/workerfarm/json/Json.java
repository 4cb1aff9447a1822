package dev.workerfarm.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.JsonTokenId;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.workerfarm.error.EncodeException;
import dev.workerfarm.error.FarmException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON as Python's {@code json} module writes and reads it: integers of any size up to {@value #MAX_DIGITS} digits,
 * {@code 1} and {@code 1.0} kept apart, NaN and the infinities as bare words, text as ASCII with escapes. Every bound on
 * what a stranger may send is here. Stateless; threads may share it.
 */
public final class Json {
    /** Python's own limit on the digits of an integer in text (sys.set_int_max_str_digits). */
    public static final int MAX_DIGITS = 4_300;
    /** How deep lists and maps may nest, the message's own three levels included. */
    public static final int MAX_DEPTH = 500;
    /** How long an object's names may be, in UTF-8: Jackson keeps thousands, and long ones would fill the heap. */
    public static final int MAX_NAME_BYTES = 2_048;
    /** RabbitMQ 4's default limit on a message (max_message_size). */
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final String MAX_WEIGHT = "max-weight"; // a reader's attribute: the most heap bytes of its values
    private static final Pattern UNKNOWN_CLASS =
            Pattern.compile("No serializer found|Cannot construct instance of .*abstract types", Pattern.DOTALL);
    private static final int MAX_REASON_CHARS = 500; // a text that does not fit may be quoted
    private static final int NAME_SLACK = 8; // Jackson counts names by four bytes at a time
    private static final int LEVELS_AROUND_PART = 8; // that a message may need around a value written on its own
    private static final JsonMapper MAPPER = mapper(MAX_DEPTH);
    private static final ObjectWriter WRITER = MAPPER.writer();
    private static final ObjectWriter PART_WRITER =
            mapper(MAX_DEPTH - LEVELS_AROUND_PART).writer();
    private static final ObjectWriter STRICT_WRITER = WRITER.with(JsonWriteFeature.WRITE_NAN_AS_STRINGS);
    private static final ObjectReader READER = MAPPER.readerFor(Object.class);
    private static final ObjectReader MESSAGE_READER = READER.withAttribute(MAX_WEIGHT, JsonWeight.MAX_MESSAGE_BYTES);
    private static final ObjectReader REPLY_READER = READER.withAttribute(
            MAX_WEIGHT, (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4));

    private Json() {}

    private static JsonMapper mapper(int maxWriteDepth) {
        var factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNumberLength(MAX_DIGITS)
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_BYTES)
                        .maxNameLength(MAX_NAME_BYTES + NAME_SLACK)
                        .build())
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(maxWriteDepth)
                        .build())
                // Names are a stranger's data too: they have no business in the JVM's table of strings.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER) // the shortest text, also on JDK 17
                .build();
        var mapper = JsonMapper.builder(factory)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .withCoercionConfig(
                        Character.class,
                        character -> character.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail))
                .addModule(new Jdk8Module()) // Optional
                .addModule(new JavaTypes()
                        .addDeserializer(Object.class, new AnyValue())
                        .addSerializer(Path.class, ToStringSerializer.instance) // Jackson's would make it absolute here
                        .addKeySerializer(String.class, new WellFormedName())
                        .addKeySerializer(Character.class, new WellFormedName())
                        .addSerializer(BigInteger.class, new BoundedInteger())
                        .addSerializer(BigDecimal.class, new BoundedDecimal()))
                .build();
        mapper.getSerializerProvider().setNullKeySerializer(new JavaTypes.RefusedName());
        return mapper;
    }

    /** A JSON value: null, Boolean, Long, BigInteger, Double, BigDecimal, String, List or Map. Throws DecodeException otherwise. */
    public static @Nullable Object read(byte[] json) {
        return read(READER, json);
    }

    /** As {@link #read(byte[])}, of a reply: the values take at most a quarter of the heap. */
    public static @Nullable Object readReply(byte[] json) {
        return read(REPLY_READER, json);
    }

    /** As {@link #read(byte[])}, from anybody: the values take at most {@link JsonWeight#MAX_MESSAGE_BYTES} of heap. */
    public static @Nullable Object readMessage(byte[] json) {
        return read(MESSAGE_READER, json);
    }

    private static @Nullable Object read(ObjectReader reader, byte[] json) {
        try {
            return reader.readValue(json);
        } catch (IOException e) {
            throw new DecodeException("not JSON within the limits: " + reason(e), e);
        }
    }

    /** Whether what could not be read is beyond a limit, and not JSON all the same for all that was read. */
    public static boolean isBeyondLimits(DecodeException e) {
        return e.getCause() instanceof StreamConstraintsException;
    }

    /** Its tokens one by one, within the same limits. */
    public static JsonParser parser(byte[] json) throws IOException {
        return MAPPER.createParser(json);
    }

    /** As {@link #read(byte[])}, of text. */
    public static @Nullable Object read(String json) {
        return read(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes JSON values, records, lists, maps and arrays of these. Throws EncodeException for another, or a limit. */
    public static byte[] write(@Nullable Object value) {
        return write(WRITER, value);
    }

    /** As {@link #write}, a value to go into a message that others make around it: it nests less deep by as much. */
    public static byte[] writePart(@Nullable Object value) {
        return write(PART_WRITER, value);
    }

    private static byte[] write(ObjectWriter writer, @Nullable Object value) {
        try {
            var bytes = new BoundedBytes();
            writer.writeValue(bytes, value);
            return bytes.written.toByteArray();
        } catch (IOException e) {
            throw new EncodeException("cannot be written as JSON: " + reason(e), e);
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Error e) { // from a value's own accessor
            throw new EncodeException("cannot be written as JSON: " + e, e);
        }
    }

    /** As {@link #write}, as ASCII text on one line. */
    public static String text(@Nullable Object value) {
        return new String(write(value), StandardCharsets.US_ASCII);
    }

    /** As {@link #text}, for readers that are not Python: NaN and the infinities, which JSON does not know, as texts. */
    public static String strictText(@Nullable Object value) {
        return new String(write(STRICT_WRITER, value), StandardCharsets.US_ASCII);
    }

    /** Converts, but no text to a number and no fraction to an integer. Throws DecodeException if it does not fit. */
    public static @Nullable Object convert(@Nullable Object value, Type type) {
        try (var tokens = new TokenBuffer(MAPPER, false)) {
            MAPPER.writeValue(tokens, value);
            return MAPPER.readerFor(MAPPER.constructType(type)).readValue(new Decimals.Typed(tokens.asParser()));
        } catch (IOException | IllegalArgumentException e) {
            throw new DecodeException(reason(e), e);
        }
    }

    /**
     * Where within the value a write or a conversion failed, such as {@code .points[2].x}; empty where it is the value as a whole,
     * or not known.
     */
    public static String place(FarmException e) {
        if (!(e.getCause() instanceof JsonMappingException at)) {
            return "";
        }
        return at.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : "." + step.getFieldName())
                .collect(Collectors.joining());
    }

    /** Jackson's own words, but where they advise what only a user of Jackson can do, without the source's text and position. */
    public static String reason(Exception e) {
        var text = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        if (text == null) {
            return e.getClass().getSimpleName();
        }
        if (e instanceof InvalidDefinitionException unknown
                && UNKNOWN_CLASS.matcher(text).lookingAt()) {
            return unknown.getType().toCanonical()
                    + " is no class of values that can travel: take a record, a sealed type of"
                    + " records, an enum, a List, a Map, or a class of Java's such as a number, a text or a time";
        }
        return text.length() <= MAX_REASON_CHARS ? text : text.substring(0, MAX_REASON_CHARS) + "...";
    }

    /** What is written, up to the limit: a value far beyond it must not take the memory first. */
    private static final class BoundedBytes extends OutputStream {
        final ByteArrayOutputStream written = new ByteArrayOutputStream(512);

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] more, int offset, int length) throws IOException {
            if (written.size() + length > MAX_BYTES) {
                throw new IOException("more than " + MAX_BYTES + " bytes");
            }
            written.write(more, offset, length);
        }
    }

    /** Any JSON value: as Jackson's own, with every whole number a Long or, beyond that, a BigInteger. */
    private static final class AnyValue extends JsonDeserializer<Object> {
        @Override
        @SuppressWarnings("NullAway") // null is a value like any other here
        public Object deserialize(JsonParser json, DeserializationContext context) throws IOException {
            var most = (Integer) context.getAttribute(MAX_WEIGHT);
            return read(json, context, new JsonWeight(most == null ? Long.MAX_VALUE : most));
        }

        @SuppressWarnings("NullAway") // as above
        private Object read(JsonParser json, DeserializationContext context, JsonWeight weight) throws IOException {
            weight.add(json.currentToken());
            return switch (json.currentTokenId()) {
                case JsonTokenId.ID_START_OBJECT -> {
                    Map<String, @Nullable Object> map = new LinkedHashMap<>();
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        weight.add(JsonToken.FIELD_NAME);
                        var name = json.currentName();
                        json.nextToken();
                        map.put(name, read(json, context, weight));
                    }
                    yield map;
                }
                case JsonTokenId.ID_START_ARRAY -> {
                    List<@Nullable Object> list = new ArrayList<>();
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        list.add(read(json, context, weight));
                    }
                    yield list;
                }
                case JsonTokenId.ID_STRING -> json.getText();
                case JsonTokenId.ID_NUMBER_INT -> {
                    if (json.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                        yield json.getLongValue();
                    }
                    weight.addLargeNumber();
                    yield json.getBigIntegerValue();
                }
                case JsonTokenId.ID_NUMBER_FLOAT -> {
                    var number = fraction(json);
                    if (number instanceof BigDecimal decimal && decimal.precision() > JsonWeight.LONGEST_DIGITS) {
                        weight.addLargeNumber();
                    }
                    yield number;
                }
                case JsonTokenId.ID_TRUE -> true;
                case JsonTokenId.ID_FALSE -> false;
                case JsonTokenId.ID_NULL -> null;
                case JsonTokenId.ID_EMBEDDED_OBJECT -> json.getEmbeddedObject();
                default -> context.handleUnexpectedToken(Object.class, json);
            };
        }

        private static Number fraction(JsonParser json) throws IOException {
            if (json.getNumberValueDeferred() instanceof Number number) {
                return number; // NaN, an infinity, or one that was read before
            }
            json.streamReadConstraints().validateFPLength(json.getTextLength()); // as the parser would by itself
            try {
                return Decimals.read(json.getText());
            } catch (NumberFormatException e) {
                throw new StreamConstraintsException(
                        "a number that cannot be read: " + e.getMessage(), json.currentLocation());
            }
        }
    }

    /** Writes a map's names, but none that is too long, or has half a surrogate pair: Jackson reads that in a text, and not in a name. */
    private static final class WellFormedName extends JsonSerializer<Object> {
        @Override
        public void serialize(Object key, JsonGenerator json, SerializerProvider provider) throws IOException {
            var name = key.toString();
            if (name.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                provider.reportMappingProblem("a name with half a surrogate pair");
            }
            if (name.length() > MAX_NAME_BYTES / 3 && name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                provider.reportMappingProblem("a name of more than %d bytes", MAX_NAME_BYTES);
            }
            json.writeFieldName(name);
        }
    }

    /** Writes integers up to the limit that the other side would read. */
    private static final class BoundedInteger extends JsonSerializer<BigInteger> {
        private static final int SURELY_SHORT_BITS = 14_000;

        @Override
        public void serialize(BigInteger value, JsonGenerator json, SerializerProvider provider) throws IOException {
            var bits = value.bitLength();
            // The cube of the limit is past any doubt: its text would take long to make, only to be counted.
            if (bits > 3 * SURELY_SHORT_BITS
                    || (bits > SURELY_SHORT_BITS && value.abs().toString().length() > MAX_DIGITS)) {
                provider.reportMappingProblem("an integer of more than %d digits", MAX_DIGITS);
            }
            json.writeNumber(value);
        }
    }

    /** Writes decimals whose text the other side would read. */
    private static final class BoundedDecimal extends JsonSerializer<BigDecimal> {
        @Override
        public void serialize(BigDecimal value, JsonGenerator json, SerializerProvider provider) throws IOException {
            if (Math.abs((long) value.scale()) > Decimals.MAX_SCALE) {
                provider.reportMappingProblem("a decimal with an exponent beyond %d", Decimals.MAX_SCALE);
            }
            if (value.precision() > MAX_DIGITS || value.toString().length() > MAX_DIGITS) {
                provider.reportMappingProblem("a decimal of more than %d digits", MAX_DIGITS);
            }
            if (json instanceof TokenBuffer) {
                json.writeNumber(value);
            } else {
                json.writeNumber(Decimals.text(value));
            }
        }
    }
}
