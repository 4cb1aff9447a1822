/** What tasks and programs see of shared state: values, arrays and locks that all processes share. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.shared;
