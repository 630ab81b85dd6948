"""What each rule of house.yaml finds, and what it lets pass; never run."""
import hmac
import random
import secrets
import uuid

import jwt
import sqlalchemy as sa
from flask import current_app, redirect, render_template, render_template_string, request, url_for
from markupsafe import Markup


def markup(post, env):
    # ruleid: markup-of-words
    Markup(post.body)
    # ruleid: markup-of-words
    Markup(f'<p>{post.body}</p>')
    # ruleid: markup-of-words
    Markup('<p>' + post.body)
    # ok: markup-of-words
    Markup('<p>%s</p>') % post.body
    # ruleid: template-from-a-string
    render_template_string(post.body)
    # ruleid: template-from-a-string
    env.from_string(post.body)
    # ok: template-from-a-string
    render_template('post.html', post=post)


def statements(db, User, word, name):
    # ruleid: sql-from-a-string
    db.session.execute(sa.text(f'SELECT * FROM user WHERE name = {word}'))
    # ruleid: sql-from-a-string
    db.session.execute(sa.text('SELECT * FROM user WHERE name = %s' % word))
    # ruleid: sql-from-a-string
    db.session.execute(sa.text('SELECT * FROM user WHERE name = ' + word))
    # ruleid: sql-from-a-string
    connection.exec_driver_sql(f'DELETE FROM {name}')
    # ruleid: sql-from-a-string
    connection.execute('SELECT * FROM user WHERE name = {}'.format(word))
    # ok: sql-from-a-string
    db.session.execute(sa.text('SELECT * FROM user WHERE name = :name'), {'name': word})
    # ok: sql-from-a-string
    connection.execute(f'PRAGMA {name}')
    # ruleid: like-with-words
    sa.select(User).where(User.name.like(f'{word}%'))
    # ruleid: like-with-words
    sa.select(User).where(User.name.ilike(word))
    # ruleid: like-with-words
    sa.select(User).where(User.name.icontains(word))
    # ok: like-with-words
    sa.select(User).where(User.name.icontains(word, autoescape=True))


def addresses(user):
    # ruleid: address-from-the-host
    link = request.host + '/reset'
    # ruleid: address-from-the-host
    link = request.url_root
    # ruleid: address-from-the-host
    link = request.headers.get('X-Forwarded-Host')
    # ruleid: link-with-a-host-in-an-answer
    link = url_for('main.user', username=user.username, _external=True)
    # ok: link-with-a-host-in-an-answer
    link = url_for('main.user', username=user.username)
    return link


def redirects(response):
    # ruleid: redirect-to-what-was-sent
    redirect(request.args.get('next'))
    target = request.form['next']
    # ruleid: redirect-to-what-was-sent
    redirect(target or '/')
    # ruleid: redirect-to-what-was-sent
    response.headers['Location'] = request.args['next']
    # ok: redirect-to-what-was-sent
    redirect(safe_next('/'))
    # ok: redirect-to-what-was-sent
    redirect(url_for('main.search', q=request.args.get('q')))


def logs(app, form, token, user):
    # ruleid: secret-in-the-log
    app.logger.info('Reset by %s', token)
    # ruleid: secret-in-the-log
    app.logger.warning('Wrong password %s', form.password.data)
    # ruleid: secret-in-the-log
    current_app.logger.error('Form: %s', request.form)
    # ruleid: secret-in-the-log
    app.logger.error(f'The key is {app.secret_key}')
    # ok: secret-in-the-log
    app.logger.info('The password of %s was changed', user.id)


def secret_values(password, sent, key, response):
    # ruleid: random-that-can-be-guessed
    token = random.getrandbits(128)
    # ruleid: random-that-can-be-guessed
    form_key = uuid.uuid1()
    # ok: random-that-can-be-guessed
    token = secrets.token_urlsafe()
    # ruleid: compared-byte-by-byte
    if token == sent:
        return form_key
    # ok: compared-byte-by-byte
    if hmac.compare_digest(token, sent):
        return None
    # ruleid: token-read-without-its-algorithm
    jwt.decode(token, key)
    # ruleid: token-read-without-its-algorithm
    jwt.decode(token, key, algorithms=['none'])
    # ok: token-read-without-its-algorithm
    jwt.decode(token, key, algorithms=['HS256'], options={'require': ['exp']})
    # ruleid: cookie-without-its-attributes
    response.set_cookie('language', 'de')
    # ok: cookie-without-its-attributes
    response.set_cookie('language', 'de', max_age=1, httponly=True, samesite='Lax', secure=https)
    # ruleid: form-token-switched-off
    app.config['WTF_CSRF_ENABLED'] = False
