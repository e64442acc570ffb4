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
// Everything works without this script. It adds copying, times in the reader's zone, and a question
// before a key is disabled.
(function () {
	'use strict';
	const root = document.documentElement;
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	root.classList.add('script');

	if (zone) {
		const exact = new Intl.DateTimeFormat(root.dataset.locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
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
			let told = button.dataset.copied;
			try {
				await navigator.clipboard.writeText(source.textContent);
			}
			catch (error) {
				// without permission
				getSelection().selectAllChildren(source);
				told = button.dataset.selected;
			}
			button.textContent = told;
			document.getElementById('copied').textContent = told;
			setTimeout(() => {
				button.textContent = button.dataset.label;
			}, 2000);
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

	// A date and another choice beside it would contradict each other.
	const day = document.getElementById('expiresOn');
	if (day) {
		if (day.dataset.latest) {
			// the last day that is over by then, in the zone that is sent along
			const last = new Date(day.dataset.latest);
			last.setDate(last.getDate() - 1);
			day.max = new Intl.DateTimeFormat('sv').format(last);
		}
		const choices = document.querySelectorAll('input[name="expiry"]');
		day.addEventListener('input', () => {
			choices.forEach((choice) => {
				choice.checked = day.value ? choice.value === 'date' : choice.checked;
			});
		});
		choices.forEach((choice) => {
			choice.addEventListener('change', () => {
				day.value = choice.value === 'date' ? day.value : '';
			});
		});
	}

	document.querySelectorAll('[data-select-all]').forEach((all) => {
		all.addEventListener('change', () => {
			document.querySelectorAll('input[name="' + all.dataset.selectAll + '"]').forEach((box) => {
				box.checked = all.checked;
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

	// What was typed outlives the end of a session. The owner and metadata may be confidential and are not kept,
	// neither are fields of the application; nothing is kept for another user, or once the form was accepted.
	const drafts = 'api-key-draft ';
	const user = root.dataset.user && encodeURIComponent(root.dataset.user);
	const draftName = drafts + user + ' ' + location.pathname;
	const entered = document.querySelector('form[data-draft]');
	const removeDrafts = (isDone) => {
		Object.keys(sessionStorage).filter((name) => name.startsWith(drafts) && isDone(name)).forEach((name) => {
			sessionStorage.removeItem(name);
		});
	};
	const fields = () => Array.from(entered.elements).filter((field) => field.name && field.type !== 'hidden'
			&& !['owner', 'metadata'].includes(field.name) && !field.name.startsWith('field.'));
	const value = (field) => ['checkbox', 'radio'].includes(field.type) ? field.checked : field.value;
	const draft = () => JSON.stringify(fields().map((field) => [field.name, field.value, value(field)]));
	if (user) {
		removeDrafts((name) => !name.startsWith(drafts + user + ' '));
	}
	if (entered) {
		const kept = sessionStorage.getItem(draftName);
		const offer = document.querySelector('[data-restore]');
		if (kept && kept !== draft()) {
			offer.hidden = false;
			offer.querySelector('button').addEventListener('click', () => {
				const values = JSON.parse(kept);
				fields().forEach((field) => {
					const choice = ['checkbox', 'radio'].includes(field.type);
					const found = values.find(([name, text]) => name === field.name && (!choice || text === field.value));
					if (found && choice) {
						field.checked = found[2];
					}
					else if (found) {
						field.value = found[2];
					}
				});
				offer.hidden = true;
			});
		}
		entered.addEventListener('input', () => sessionStorage.setItem(draftName, draft()));
		entered.querySelectorAll('a').forEach((cancel) => {
			cancel.addEventListener('click', () => sessionStorage.removeItem(draftName));
		});
	}
	const accepted = document.querySelector('[data-accepted]');
	if (accepted) {
		sessionStorage.removeItem(drafts + user + ' ' + accepted.dataset.accepted);
	}
})();
