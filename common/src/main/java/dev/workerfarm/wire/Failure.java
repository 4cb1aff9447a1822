package dev.workerfarm.wire;

import dev.workerfarm.error.EncodeException;
import dev.workerfarm.json.Json;
import dev.workerfarm.task.SoftTimeLimitExceeded;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How a task failed, as it travels: Celery's {@code exc_type} and {@code exc_module}, a text, and perhaps a stack. */
public record Failure(
        String type, String module, String text, @Nullable String stack) {
    private static final int MAX_STACK_CHARS = 8_192;
    private static final int MAX_TEXT_CHARS = 65_536;
    private static final String CELERY = "celery.exceptions";
    private static final String CUT = "... cut";

    /** Python's built-in exceptions, which a Celery client raises as themselves. The text is cut at 65 536 characters. */
    public static Failure builtin(String type, String text) {
        return new Failure(type, "builtins", cut(text, MAX_TEXT_CHARS, CUT), null);
    }

    /** Celery's own exceptions, such as {@code NotRegistered}. The text is cut at 65 536 characters. */
    public static Failure celery(String type, String text) {
        return new Failure(type, CELERY, cut(text, MAX_TEXT_CHARS, CUT), null);
    }

    /** A result that the broker does not take, with its words: {@code ResultTooLarge}. */
    public static Failure tooLarge(String why) {
        var text = "the broker does not take the task's result: " + why;
        return new Failure("ResultTooLarge", "dev.workerfarm", cut(text, MAX_TEXT_CHARS, CUT), null);
    }

    /** The outcome of a task whose result cannot travel. */
    public static Failure ofResult(EncodeException e) {
        var place = Json.place(e).replaceFirst("^\\.(result|value)(?=[.\\[]|$)", ""); // of the message around it
        return builtin("ValueError", "the task's result " + e.getMessage() + at(place));
    }

    /** A place within a value ({@link Json#place}) as the end of a complaint; nothing for the value as a whole. */
    static String at(String place) {
        return place.isEmpty() ? "" : ", at " + place;
    }

    /** The same without its stack and, beyond so many characters, without the rest of its text. */
    public Failure brief(int maxTextChars) {
        return new Failure(type, module, cut(text, maxTextChars, CUT), null);
    }

    /** What a caller sees: Python's ValueError, Celery's SoftTimeLimitExceeded, or the exception's name; all cut. */
    public static Failure of(Throwable thrown) {
        var stack = cut(ask(thrown, Failure::printed), MAX_STACK_CHARS, "\n\t... cut");
        var text = cut(ask(thrown, Throwable::getMessage), MAX_TEXT_CHARS, CUT);
        if (thrown instanceof IllegalArgumentException) {
            return new Failure("ValueError", "builtins", text, stack);
        }
        var type = thrown.getClass();
        var module = thrown instanceof SoftTimeLimitExceeded ? CELERY : type.getPackageName();
        var name = type.getSimpleName().isEmpty() ? "Exception" : type.getSimpleName();
        return new Failure(name, module, text, stack);
    }

    private static String printed(Throwable thrown) {
        var writer = new StringWriter();
        thrown.printStackTrace(new PrintWriter(writer));
        return writer.toString();
    }

    /** An exception's own methods are a stranger's code, which may throw as well. */
    private static String ask(Throwable thrown, Function<Throwable, @Nullable String> question) {
        try {
            var answer = question.apply(thrown);
            return answer == null ? "" : answer;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (Throwable e) {
            return "";
        }
    }

    /** A text of at most so many characters: a longer one is cut, with {@code end} behind. */
    public static String cut(String text, int maxChars, String end) {
        return text.length() <= maxChars ? text : text.substring(0, maxChars) + end;
    }
}
