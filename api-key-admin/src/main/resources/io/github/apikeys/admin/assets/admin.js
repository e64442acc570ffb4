/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
// Everything works without this script. It adds copying, times in the reader's zone, a filter
// while typing, and a question before a key is disabled.
(function () {
	'use strict';
	const root = document.documentElement;
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	root.classList.add('script');

	if (zone) {
		const exact = new Intl.DateTimeFormat(root.lang, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
		document.querySelectorAll('time[data-exact]').forEach((time) => {
			const text = exact.format(new Date(time.dateTime));
			if (time.dataset.exact === 'text') {
				time.textContent = text;
			}
			else {
				time.title = text;
			}
		});
		document.querySelectorAll('[data-zone]').forEach((element) => {
			element.textContent = zone;
		});
		document.querySelectorAll('[data-zone-value]').forEach((input) => {
			input.value = zone;
		});
	}

	document.querySelectorAll('[data-copy]').forEach((button) => {
		button.addEventListener('click', async () => {
			const source = document.getElementById(button.dataset.copy);
			try {
				await navigator.clipboard.writeText(source.textContent);
				button.textContent = button.dataset.copied;
				document.getElementById('copied').textContent = button.dataset.copied;
			}
			catch (error) {
				// without permission the text is selected, ready for Ctrl+C
				getSelection().selectAllChildren(source);
			}
		});
	});

	// A page that comes back from the browser's memory must not bring the key back.
	const issued = document.querySelector('[data-issued]');
	if (issued) {
		// a reload, or a way back to here, leads to the page of the key instead of sending the form again
		history.replaceState(null, '', issued.dataset.page);
		window.addEventListener('pagehide', () => {
			issued.querySelectorAll('[data-secret]').forEach((element) => {
				element.textContent = issued.dataset.gone;
			});
		});
	}

	document.querySelectorAll('[data-live]').forEach((input) => {
		const rows = document.getElementById(input.dataset.live);
		input.addEventListener('input', () => {
			const text = input.value.trim().toLocaleLowerCase();
			Array.from(rows ? rows.rows : []).forEach((row) => {
				row.hidden = text.length < 60 && !row.textContent.toLocaleLowerCase().includes(text);
			});
		});
	});

	document.querySelectorAll('[data-select-all]').forEach((all) => {
		all.addEventListener('change', () => {
			document.querySelectorAll('input[name="' + all.dataset.selectAll + '"]').forEach((box) => {
				box.checked = all.checked && !box.closest('tr').hidden;
			});
		});
	});

	document.querySelectorAll('form[data-confirm]').forEach((form) => {
		form.addEventListener('submit', (event) => {
			if (!confirm(form.dataset.confirm)) {
				event.preventDefault();
			}
		});
	});
})();
