package dev.workerfarm.task;

import java.util.List;
import java.util.Map;

/**
 * The argument record of a task that takes whatever comes, as Python's {@code *args, **kwargs}: nothing is bound.
 *
 * @param args positional arguments as JSON values: null, Boolean, Long or BigInteger, Double or BigDecimal,
 *     String, List, Map
 * @param kwargs keyword arguments, the same
 */
public record RawArguments(List<Object> args, Map<String, Object> kwargs) {}
